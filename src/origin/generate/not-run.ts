/** Said of every server that the tests do not start: the reader is the first to run it. */
export const NOT_RUN =
  'Made from the documentation and NOT RUN by the tests of this project: before you rely on it, knock from outside with the right certificate, a wrong one and none.';
