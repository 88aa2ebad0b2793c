import type { ApiProblem } from '../../api/call.ts';
import { problemsAt } from '../../parts/action.ts';
import { TextField } from '../../parts/field.tsx';
import type { ServerDraft } from './server-draft.ts';

/** What each part of the form of the server is given. */
export interface ServerFieldsProps {
  readonly draft: ServerDraft;
  readonly change: (part: Partial<ServerDraft>) => void;
  readonly problems: readonly ApiProblem[];
}

type TextName =
  | 'version'
  | 'upstream'
  | 'root'
  | 'serverCert'
  | 'serverKey'
  | 'listen'
  | 'directory'
  | 'runtimeDir'
  | 'serverConfig'
  | 'otherNames';

interface TextProps extends ServerFieldsProps {
  readonly name: TextName;
  readonly label: string;
  readonly pointer: string;
  readonly hint: string;
  readonly required?: boolean;
}

/** A field of text of the form of the server. */
export function Text({ draft, change, problems, name, label, pointer, hint, required = false }: TextProps) {
  return (
    <TextField
      label={label}
      required={required}
      value={draft[name]}
      onInput={(value) => change({ [name]: value })}
      problems={problemsAt(problems, pointer)}
      hint={hint}
    />
  );
}
