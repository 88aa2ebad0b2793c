import type { UNSURE } from '../unsure.ts';
import type { Meaning } from './meaning.ts';

export const UNSURE_MEANING: Readonly<Record<keyof typeof UNSURE, Meaning>> = {
  not_reached: {
    means: 'Nothing can be said of a door that nobody opens. A firewall may let the edge in and not this machine.',
    seen: 'The connection is refused, or nothing comes back at all.',
  },
  name_unresolved: {
    means: 'Without an address there was nobody to ask, so nothing is known of this target.',
    seen: 'The resolver of this machine knows no address of the name.',
  },
  no_clear_answer: {
    means: 'Something accepts connections and speaks neither TLS nor HTTP in a way that can be judged.',
    seen: 'The answer is cut off, garbled, too large, or never comes.',
  },
  unread_configuration: {
    means: 'What was not understood may open a door, or shut one. The rest of the report holds without it.',
    seen: 'In a configuration: a directive or file that this reader does not know.',
  },
};
