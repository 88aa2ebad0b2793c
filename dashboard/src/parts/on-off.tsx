import { Switch } from './switch.tsx';

type OnOffProps = Omit<Parameters<typeof Switch>[0], 'disabled'> & {
  /** Without the permission it is said how it is, and nothing can be switched. */
  readonly mayEdit: boolean;
};

/** A switch for those who may use it; for others, how it stands. */
export function OnOff({ mayEdit, ...props }: OnOffProps) {
  if (mayEdit) return <Switch {...props} />;
  const { label, on, hideLabel = false, hint } = props;
  return (
    <span class="on-off">
      <span class="tag">{on ? 'On' : 'Off'}</span>
      <span class={hideLabel ? 'unseen' : ''}>{label}</span>
      {hint !== undefined && <span class="hint">{hint}</span>}
    </span>
  );
}
