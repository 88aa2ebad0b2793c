/** nginx refuses a client certificate, or its absence, with an answer: this status and a page of its own. */
export const REFUSAL_STATUS = 400;

// As nginx writes its error pages; an application that speaks of these things writes them otherwise.
const TITLES = ['No required SSL certificate was sent', 'The SSL certificate error'].map((title) =>
  Buffer.from(`<title>400 ${title}</title>`),
);

/** Whether a body with that status is such a page. */
export function isRefusalPage(body: Buffer): boolean {
  return TITLES.some((title) => body.includes(title));
}
