import { Agent, get } from 'node:https';

/** Visitors who keep their connections and never stop asking. */
export interface Stream {
  /** Answers so far. */
  readonly answered: () => number;
  /** Stops asking; resolves with what went wrong, once for each request that did. */
  readonly stop: () => Promise<readonly string[]>;
}

/** Starts so many visitors, each with one connection, through the edge at `port`. */
export function startStream(
  visitors: number,
  { port, host }: { readonly port: number; readonly host: string },
): Stream {
  const failures: string[] = [];
  let answered = 0;
  let stopped = false;
  const loops = Array.from({ length: visitors }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopped) {
      const outcome = await ask(agent, { port, host });
      if (outcome === '200') answered += 1;
      else failures.push(outcome);
    }
    agent.destroy();
  });
  return {
    answered: () => answered,
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
      return failures;
    },
  };
}

function ask(agent: Agent, { port, host }: { readonly port: number; readonly host: string }): Promise<string> {
  return new Promise((resolve) => {
    const options = { agent, port, host: '127.0.0.1', servername: host, headers: { host }, rejectUnauthorized: false };
    const request = get({ ...options, timeout: 10_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
      response.on('error', (error) => resolve(error.message));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', (error) => resolve(error.message));
  });
}
