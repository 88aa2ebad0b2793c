import { useEffect, useRef, useState } from 'preact/hooks';
import { inQuery, place, setQuery } from '../route.tsx';

/** Less than between two keys of somebody who types fast: what is pasted or held down is searched for once. */
const SETTLING = 40;

/** A search whose words stand in the address; the server does the searching. */
export function Search({ label, name = 'q' }: { readonly label: string; readonly name?: string }) {
  const inAddress = inQuery(name) ?? '';
  const [text, setText] = useState(inAddress);
  const sent = useRef(inAddress);
  // Somebody else changed the address, such as a button that shows everything: what is typed here follows.
  useEffect(() => {
    if (inAddress !== sent.current) setText(inAddress);
    sent.current = inAddress;
  }, [inAddress]);
  useEffect(() => {
    if (text === (place.peek().query.get(name) ?? '')) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      setQuery({ [name]: text, page: null });
    }, SETTLING);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      class="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
