import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Postern } from '../scenarios/postern.ts';
import type { Upload, Uploads } from './bad-certificates.ts';

const FIELDS = { '/certificate': 'Certificate (PEM)', '/private_key': 'Private key (PEM)' } as const;

/** Types an upload into the form of the dialog, and sends it. */
export async function upload(dialog: Locator, { certificate, private_key: key }: Upload): Promise<void> {
  await dialog.getByLabel('Certificate (PEM)').fill(certificate);
  await dialog.getByLabel('Private key (PEM)').fill(key);
  await dialog.getByRole('button', { name: 'Upload' }).click();
}

/** Fails where a bad upload is not refused with the API's words at the field that is to blame, or a key is kept. */
export async function mustRefuse(dialog: Locator, postern: Postern, path: string, { bad }: Uploads): Promise<void> {
  for (const [what, pointer, body] of bad) {
    const { errors } = await postern.ask('POST', path, body);
    const message = errors[0]?.message ?? '';
    assert.notEqual(message, '', `${what} is taken by the API`);
    await upload(dialog, body);
    const field = dialog.locator('.field.wrong').filter({ has: dialog.page().getByText(FIELDS[pointer]) });
    await field.getByText(message, { exact: true }).waitFor();
    assert.equal(await dialog.getByLabel('Certificate (PEM)').inputValue(), body.certificate, `${what} is lost`);
    const kept = await dialog.page().evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })');
    const secret = body.private_key.split('\n')[1];
    assert.ok(!JSON.stringify(kept).includes(secret ?? body.private_key) || body.certificate.includes(secret ?? ''));
  }
}
