import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { fieldValues } from '../support/echo-application.ts';
import { type ServerAuthority, serverAuthority } from './authorities.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, lockedOrigin, SERVERS, visit, zonePull } from './site.ts';

let postern: Postern;
let authority: ServerAuthority;

before(async () => {
  [postern, authority] = await Promise.all([startPostern(), serverAuthority()]);
});
after(() => postern?.[Symbol.asyncDispose]());

for (const [server, program] of SERVERS) {
  describe(`a record that names another server than the visitor does, at ${server}`, needs(program), () => {
    const name = `named-${server}.test`;
    const backend = `backend.${name}`;
    let zone = '';
    before(async () => {
      zone = await createZone(postern, name, authority);
      await zonePull(postern, zone, true);
    });

    /** Locks an origin for a host with this addition to its record, and lets the edge know its port. */
    const locked = async (host: string, addition: object) => {
      const id = await addRecord(postern, zone, { name: host, origin: addition });
      const origin = await lockedOrigin(server, postern, { zone: name, host, authority, names: [backend] });
      const target = { ...addition, https_port: origin.tlsPort };
      await postern.call('PATCH', `/zones/${zone}/dns_records/${id}`, { origin: target });
      return origin;
    };

    test('is pulled under that name, which is verified, and with the Host field that it names', async () => {
      const host = `both.${name}`;
      await using origin = await locked(host, { server_name: backend, host_header: backend });
      assertStatus(await visit(postern, host), 200, 'the visit');
      const seen = origin.application.seen.at(-1);
      assert.ok(seen);
      assert.deepEqual(fieldValues(seen, 'Host'), [backend]);
      assert.deepEqual(fieldValues(seen, 'X-Forwarded-Host'), [host]);
    });

    test("is pulled with the visitor's Host field where it names none, or the command says why the lock cannot work so", async () => {
      const host = `name.${name}`;
      await using origin = await locked(host, { server_name: backend });
      const outcome = await visit(postern, host);
      // nginx with a lock takes no Host that differs from the name in the handshake, even within one server { }.
      if (server === 'nginx') {
        assert.match(origin.notes, /host_header/);
      } else {
        assertStatus(outcome, 200, 'the visit');
        const seen = origin.application.seen.at(-1);
        assert.ok(seen);
        assert.deepEqual(fieldValues(seen, 'Host'), [host]);
      }
    });
  });
}
