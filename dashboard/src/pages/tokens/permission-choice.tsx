import { useId } from 'preact/hooks';
import type { ApiProblem } from '../../api/call.ts';
import { may } from '../../session.ts';
import { PERMISSION_GROUPS } from './permissions.ts';

interface PermissionChoiceProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly problems: readonly ApiProblem[];
}

/** What a token may do, each with what that means. What the signed-in token lacks it cannot give. */
export function PermissionChoice({ chosen, onChange, problems }: PermissionChoiceProps) {
  const isEverything = chosen.includes('*');
  const lacks = PERMISSION_GROUPS.some(({ all }) => all.some(({ permission }) => !may(permission)));
  const toggle = (permission: string, on: boolean) =>
    onChange(on ? [...chosen, permission] : chosen.filter((one) => one !== permission));
  const id = useId();
  const isWrong = problems.length > 0;
  return (
    <fieldset
      class="permissions"
      aria-describedby={isWrong ? id : undefined}
      {...(isWrong ? { tabIndex: -1, 'data-invalid': 'true' } : {})}
    >
      <legend>What it may do</legend>
      {isWrong && (
        <p class="field-problem" id={id} role="alert">
          {problems.map(({ message }) => message).join(' ')}
        </p>
      )}
      {lacks && <p class="hint">What the token that you signed in with may not do itself, it cannot allow another.</p>}
      <Permission
        permission="*"
        text="Everything, also what comes with later versions"
        checked={isEverything}
        disabled={!may('*')}
        onChange={(on) => onChange(on ? ['*'] : [])}
      />
      {!isEverything &&
        PERMISSION_GROUPS.map(({ title, all }) => (
          <fieldset key={title} class="permission-group">
            <legend>{title}</legend>
            {all.map(({ permission, text }) => (
              <Permission
                key={permission}
                permission={permission}
                text={text}
                checked={chosen.includes(permission)}
                disabled={!may(permission)}
                onChange={(on) => toggle(permission, on)}
              />
            ))}
          </fieldset>
        ))}
    </fieldset>
  );
}

interface PermissionProps {
  readonly permission: string;
  readonly text: string;
  readonly checked: boolean;
  readonly disabled: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Permission({ permission, text, checked, disabled, onChange }: PermissionProps) {
  const id = useId();
  return (
    <div class="permission">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        disabled={disabled && !checked}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id} class="mono">
        {permission}
      </label>
      <span class="hint" id={`${id}-hint`}>
        {text}
      </span>
    </div>
  );
}
