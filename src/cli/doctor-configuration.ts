import type { ConfigurationReading } from '../doctor/configuration.ts';
import type { ConfigurationRequest } from './doctor-request.ts';
import { Failure } from './failure.ts';

/** Reads a server's configuration, without asking the server or connecting to anything. */
export function readConfiguration({ file }: ConfigurationRequest): Promise<ConfigurationReading> {
  throw new Failure(`The configuration ${file} cannot be read.`, 'Name a file that this user may read.');
}
