const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
  520: 'Origin Answered Unexpectedly',
  521: 'Origin Is Down',
  522: 'Origin Connection Timed Out',
  523: 'Origin Is Unreachable',
  524: 'Origin Timed Out',
  525: 'Origin TLS Handshake Failed',
  526: 'Origin Certificate Not Valid',
  530: 'Origin Not Found',
};

/** The reason phrase of a status that one of our servers gives by itself. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? 'Error';
}
