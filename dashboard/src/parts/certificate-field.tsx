import { useRef } from 'preact/hooks';
import { Button } from './button.tsx';
import { AreaField, type AreaFieldProps } from './field.tsx';
import { fileText } from './file-text.ts';
import { say } from './toast.tsx';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** A field that cannot be left empty, for one certificate or several in PEM, typed or of a file. */
export function CertificateField(props: Omit<AreaFieldProps, 'rows' | 'placeholder' | 'required'>) {
  const { onInput } = props;
  const chooser = useRef<HTMLInputElement>(null);
  const read = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    // The same file can be chosen again, when it was written anew.
    const text = file === undefined ? null : await fileText(file);
    input.value = '';
    if (file === undefined || text === null) return;
    // Only the certificates: a key that lies beside them is nothing for a page.
    const found = text.match(CERTIFICATES) ?? [];
    if (found.length === 0) say(`${file.name} holds no certificate in PEM.`);
    else onInput(`${found.join('\n')}\n`);
  };
  return (
    <div>
      <AreaField {...props} required rows={8} placeholder="-----BEGIN CERTIFICATE-----" />
      <div class="row">
        <Button small onPress={() => chooser.current?.click()}>
          Choose a file
        </Button>
        <span class="hint">It is read in this browser; only the certificate in it is taken.</span>
        <input
          ref={chooser}
          type="file"
          accept=".pem,.crt"
          hidden
          onChange={(event) => void read(event.currentTarget)}
        />
      </div>
    </div>
  );
}
