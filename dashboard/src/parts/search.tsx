import { useEffect, useState } from 'preact/hooks';
import { place, setQuery } from '../route.tsx';

const SETTLING = 200;

/** A search whose words stand in the address; the server does the searching. */
export function Search({ label, name = 'q' }: { readonly label: string; readonly name?: string }) {
  const inAddress = place.value.query.get(name) ?? '';
  const [text, setText] = useState(inAddress);
  useEffect(() => {
    if (text === (place.peek().query.get(name) ?? '')) return undefined;
    const timer = setTimeout(() => setQuery({ [name]: text, page: null }), SETTLING);
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
