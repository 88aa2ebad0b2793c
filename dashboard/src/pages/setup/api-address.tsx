import { signal } from '@preact/signals';
import { TextField } from '../../parts/field.tsx';

const KEY = 'postern api address';
const FORM = /^https?:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i;

// Never from the address of the page: a link could have commands send a token to somebody else.
const typed = signal(kept() ?? window.location.origin);

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(text: string): void {
  typed.value = text;
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // Without storage it counts until the page is left.
  }
}

/** The same command with the address by which the origin reaches this Postern. */
export function forOrigin(command: string): string {
  const address = typed.value.trim();
  if (!FORM.test(address)) return command;
  const word = address.includes('[') ? `'${address}'` : address;
  return command.replaceAll(`--api ${window.location.origin}`, `--api ${word}`);
}

const WRONG = { code: 0, message: 'Write it like https://postern.example.com:7070, without a path.', pointer: null };

/** Where commands that run on the origin look for this Postern. */
export function ApiAddressField() {
  const isLocal = /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(typed.value);
  return (
    <TextField
      label="Address of this Postern"
      required
      value={typed.value}
      onInput={keep}
      problems={FORM.test(typed.value.trim()) ? [] : [WRONG]}
      hint={
        isLocal
          ? 'It stands in the commands below. As it is, it works only where the origin is this very machine.'
          : 'It stands in the commands below: the origin must be able to reach it.'
      }
    />
  );
}
