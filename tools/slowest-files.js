// A reporter for Node's test runner: says at the end which files took longest, so that a slow run can be shortened.
const SHOWN = 15;

/** Takes the events of a run; answers one text, after its end. */
export default async function* slowestFiles(source) {
  const files = new Map();
  for await (const { type, data } of source) {
    if (type === 'test:summary' && data.file !== undefined) files.set(data.file, data.duration_ms);
  }
  if (files.size <= SHOWN) return;
  const slowest = [...files].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
  const all = [...files.values()].reduce((sum, time) => sum + time, 0);
  yield `the slowest of ${files.size} files, of ${seconds(all)} in all:\n`;
  for (const [file, time] of slowest)
    yield `  ${seconds(time).padStart(8)}  ${file.replace(`${process.cwd()}/`, '')}\n`;
}

function seconds(milliseconds) {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
