import type { Notice } from '../../domain/notice.ts';
import { placeWords } from '../../domain/proof.ts';
import type { Log } from '../log.ts';

/** Writes to the log what people are told: the event is the code of the notice. */
export function logNotice(log: Log, { id, code, severity, zone, about, detail }: Notice): void {
  const { certificate, fingerprint, subject, hostnames, origin, rotation, endsAt } = about;
  log(code, {
    notice: id,
    severity,
    ...(zone === null ? {} : { zone: zone.id, zone_name: zone.name }),
    ...(certificate === null ? {} : { certificate }),
    ...(fingerprint === null ? {} : { fingerprint }),
    ...(subject === null ? {} : { subject }),
    ...(hostnames.length === 0 ? {} : { hostnames: hostnames.join(', ') }),
    ...(origin === null ? {} : { origin: placeWords(origin) }),
    ...(rotation === null ? {} : { rotation }),
    ...(endsAt === null ? {} : { expires_on: new Date(endsAt).toISOString() }),
    detail,
  });
}
