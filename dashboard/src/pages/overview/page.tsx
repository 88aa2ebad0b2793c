import { PageHead } from '../../parts/panel.tsx';

export function Page() {
  return <PageHead title="Overview" />;
}
