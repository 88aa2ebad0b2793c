import type { HEADER_TRUST } from '../header-trust.ts';
import type { Meaning } from './meaning.ts';

export const HEADER_TRUST_MEANING: Readonly<Record<keyof typeof HEADER_TRUST, Meaning>> = {
  header_passed: {
    means: 'The application believes a header that says who was verified, and the caller wrote it.',
    seen: 'A request with the header made up is answered otherwise than one without. In a configuration: the header is not set in every case.',
  },
  header_inheritance: {
    means:
      "In nginx one header that is set in a location takes away all that the server sets. The protecting one is gone there, and the caller's own goes through.",
    seen: 'In a configuration. From outside only where the path of the location is asked for.',
  },
  header_underscore: {
    means:
      'CGI, WSGI, Rack and PHP make the same variable of hyphens and underscores. A second spelling of the header comes through beside the real one.',
    seen: 'The header in another spelling changes the answer. In a configuration: names with underscores are let through.',
  },
  header_only_on_success: {
    means: 'Where the verification fails or did not happen, nobody touches what the caller sent under that name.',
    seen: 'In a configuration: the header is set under a condition, and not removed before.',
  },
  header_absent: {
    means:
      'The lock holds without it. But an application that shows or logs who came, or that looks for the header of a tutorial, never sees one.',
    seen: 'With --verified-header: a page that prints its request shows none of that name, though the right certificate was let in. In a configuration: requests are handed on, and no header carries the verdict.',
  },
  header_unheard: {
    means:
      'A site that serves files by itself sends its header lines to nobody. Usually the line was copied into the wrong site.',
    seen: 'In a configuration alone: a line carries the verdict, and nothing in that site hands requests on. From outside, an application that hears nothing and none at all look the same.',
  },
  not_a_lock: {
    means:
      'Secret headers leak with logs and errors. Addresses of an edge are shared by all of its customers. Both are a second layer at best.',
    seen: 'In a configuration: access depends on a header or an address, and not on a certificate.',
  },
  header_kept: {
    means:
      'A caller who is let in can say of itself that it failed, and is believed. The header is passed on as it came, in one spelling or another.',
    seen: 'With the right certificate the answer changes when a header that says "failed" is sent along. Only a look at the configuration says which hole it is.',
  },
};
