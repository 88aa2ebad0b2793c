import { networkText } from '../wire/networks.ts';
import { Failure } from './failure.ts';

/** The networks that a flag lists, in their one spelling. Throws a Failure for what is none. */
export function networkList(list: string | undefined, flag: string): readonly string[] {
  const texts = (list ?? '').split(',').filter((text) => text !== '');
  return texts.map((text) => {
    const network = networkText(text.trim());
    if (network !== null) return network;
    throw new Failure(
      `${flag} names ${JSON.stringify(text)}, which is no network.`,
      'Write an address, or a network without bits beyond its prefix, such as 10.1.0.0/16 or 2001:db8::/32.',
    );
  });
}
