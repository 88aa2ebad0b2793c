import { PageHead } from '../../parts/panel.tsx';
import { Channels } from './channels.tsx';
import { NoticesPanel } from './notices-panel.tsx';
import '../../style/pages/notices.css';

/** What people were told, and the ways by which they are told. */
export function Page() {
  return (
    <>
      <PageHead
        title="Notices"
        about="What Postern said of late: locks that do not hold, what ends, and how rotations go."
      />
      <NoticesPanel />
      <Channels />
    </>
  );
}
