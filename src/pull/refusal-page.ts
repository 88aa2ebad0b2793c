/** nginx refuses a client certificate, or its absence, with an answer: this status and a page of its own. */
export const REFUSAL_STATUS = 400;

/** As nginx titles these pages; an application that speaks of such things writes them otherwise. */
export const REFUSAL_TITLES = {
  noCertificate: '400 No required SSL certificate was sent',
  certificateError: '400 The SSL certificate error',
} as const;

const MARKS = Object.values(REFUSAL_TITLES).map((title) => Buffer.from(`<title>${title}</title>`));

/** Whether a body with that status is such a page. */
export function isRefusalPage(body: Buffer): boolean {
  return MARKS.some((mark) => body.includes(mark));
}
