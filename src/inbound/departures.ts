/** Waiting until nobody is there any more. A server of Node's knows only of connections that it accepted itself. */
export function departures(isQuiet: () => boolean) {
  let resolve = (): void => undefined;
  return {
    /** Somebody may have been the last one. */
    left: (): void => {
      if (isQuiet()) resolve();
    },
    quiet: (within: number): Promise<void> =>
      isQuiet()
        ? Promise.resolve()
        : new Promise((done) => {
            const deadline = setTimeout(done, within);
            resolve = () => {
              clearTimeout(deadline);
              done();
            };
          }),
  };
}
