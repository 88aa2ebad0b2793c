/** Express as it was before version 5, beside it: as far as the tests use it, it is typed alike. */
declare module 'express4' {
  export { default } from 'express';
}
