import type { Load } from './load.ts';
import { NAMES } from './world.ts';

/** A bit of everything: kept, new and HTTP/2 connections, cold pulls, large bodies. */
export const MIX: readonly Pick<Load, 'name' | 'path' | 'mode' | 'connections'>[] = [
  { name: NAMES.kept, path: '/', mode: 'keep-alive', connections: 16 },
  { name: NAMES.kept, path: '/', mode: 'http2', connections: 2 },
  { name: NAMES.kept, path: '/', mode: 'new', connections: 1 },
  { name: NAMES.resumed, path: '/', mode: 'keep-alive', connections: 1 },
  { name: NAMES.kept, path: '/large', mode: 'keep-alive', connections: 1 },
];
