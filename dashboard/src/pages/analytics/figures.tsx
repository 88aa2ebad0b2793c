import type { ComponentChildren } from 'preact';

interface Figure {
  readonly name: string;
  readonly value: ComponentChildren;
}

/** A few numbers that say the most. */
export function Figures({ all }: { readonly all: readonly Figure[] }) {
  return (
    <dl class="figures">
      {all.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
