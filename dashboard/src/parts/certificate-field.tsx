import { AreaField, type AreaFieldProps } from './field.tsx';

/** A field that cannot be left empty, for one certificate or several in PEM. */
export function CertificateField(props: Omit<AreaFieldProps, 'rows' | 'placeholder' | 'required'>) {
  return <AreaField {...props} required rows={8} placeholder="-----BEGIN CERTIFICATE-----" />;
}
