import { fileURLToPath } from 'node:url';

/** @type {import('vite').UserConfig} */
export default {
  base: '/dashboard/',
  publicDir: 'public',
  // What a page loads may not stand inside the page: see the policy in src/control/listener/dashboard.ts.
  build: {
    outDir: fileURLToPath(new URL('../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    cssMinify: true,
  },
};
