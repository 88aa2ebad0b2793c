/** Vite takes style sheets out of modules. */
declare module '*.css';
