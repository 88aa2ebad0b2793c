import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { NOTHING_ACCEPTED } from './acceptance.ts';
import { finding, HOSTILE, reportWith } from './report.fixture.ts';
import { sarif } from './sarif.ts';

const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } };
const level = { enum: ['none', 'note', 'warning', 'error'] };

/** What SARIF 2.1.0 (OASIS, §3.13 to §3.59) requires of the parts that are used. */
const REQUIRED = {
  type: 'object',
  required: ['version', 'runs'],
  properties: {
    version: { const: '2.1.0' },
    $schema: { type: 'string', pattern: '^https://' },
    runs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['tool', 'results'],
        properties: {
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                properties: {
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: {
                      type: 'object',
                      required: ['id'],
                      properties: {
                        id: { type: 'string' },
                        shortDescription: text,
                        help: text,
                        defaultConfiguration: { type: 'object', properties: { level } },
                      },
                    },
                  },
                },
              },
            },
          },
          invocations: { type: 'array', items: { type: 'object', required: ['executionSuccessful'] } },
          results: {
            type: 'array',
            items: {
              type: 'object',
              required: ['message'],
              properties: {
                message: text,
                level,
                ruleIndex: { type: 'integer', minimum: 0 },
                locations: {
                  type: 'array',
                  minItems: 1,
                  items: {
                    type: 'object',
                    // Code hosts ask for more than the standard: a path, and a line.
                    required: ['physicalLocation'],
                    properties: {
                      physicalLocation: {
                        type: 'object',
                        required: ['artifactLocation', 'region'],
                        properties: {
                          artifactLocation: {
                            type: 'object',
                            required: ['uri'],
                            // Relative (RFC 3986 §4.2), or a file: no other scheme.
                            properties: { uri: { type: 'string', pattern: '^(?:file:///|(?![^/]*:)[^/])[^ ]+$' } },
                          },
                          region: {
                            type: 'object',
                            required: ['startLine'],
                            properties: { startLine: { type: 'integer', minimum: 1 } },
                          },
                        },
                      },
                      logicalLocations: { type: 'array', minItems: 1, items: { type: 'object' } },
                    },
                  },
                },
                suppressions: { type: 'array', items: { type: 'object', required: ['kind'] } },
              },
            },
          },
        },
      },
    },
  },
};

interface Told {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly locations: readonly {
        readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string } };
        readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
      }[];
      readonly suppressions?: readonly { readonly justification: string }[];
    }[];
  }[];
}

const FINDINGS = [
  finding(),
  finding({ code: 'plain_http', where: { file: 'sites/a b.conf', line: 7 } }),
  finding({ where: { file: '/etc/nginx/nginx.conf', line: 3 }, target: null, detail: HOSTILE, evidence: [] }),
];

test('SARIF has all that its standard requires, with a rule for each code', () => {
  const told = sarif(reportWith(FINDINGS), '1.2.3', NOTHING_ACCEPTED) as Told;
  const check = new Ajv({ allErrors: true }).compile(REQUIRED);
  assert.ok(check(told), JSON.stringify(check.errors));
  const [run] = told.runs;
  assert.deepEqual(
    run?.tool.driver.rules.map(({ id }) => id),
    ['optional', 'plain_http'],
  );
  assert.deepEqual(
    run?.results.map(({ ruleId, ruleIndex }) => [ruleId, ruleIndex]),
    [
      ['optional', 0],
      ['plain_http', 1],
      ['optional', 0],
    ],
  );
});

test('a result is where the configuration says so, else at a path that stands for its target', () => {
  const { runs } = sarif(reportWith(FINDINGS), '1.2.3', NOTHING_ACCEPTED) as Told;
  assert.deepEqual(
    runs[0]?.results.map(({ locations: [one] }) => [
      one?.physicalLocation?.artifactLocation.uri,
      one?.logicalLocations?.[0]?.fullyQualifiedName,
    ]),
    [
      ['origins/a.test/127.0.0.1%3A8443', 'a.test at 127.0.0.1:8443'],
      ['sites/a%20b.conf', undefined],
      ['file:///etc/nginx/nginx.conf', undefined],
    ],
  );
});

test('what was accepted is suppressed with its reason', () => {
  const { runs } = sarif(reportWith(FINDINGS), '1.2.3', ({ code }) =>
    code === 'plain_http' ? { reason: 'health check', until: '2027-01-01' } : null,
  ) as Told;
  assert.deepEqual(
    runs[0]?.results.map(({ suppressions }) => suppressions?.[0]?.justification),
    [undefined, 'health check', undefined],
  );
});

test('what a server says is no link in a message (SARIF §3.11.6)', () => {
  const saw = 'answered 200 "[Mended: read this](https://evil.test/)"';
  const hostile = finding({ evidence: [{ probe: 'no certificate', saw }], detail: '[x](https://evil.test/) \\' });
  const told = JSON.stringify(sarif(reportWith([hostile]), '1.0.0', NOTHING_ACCEPTED));
  const { runs } = JSON.parse(told) as {
    readonly runs: readonly { readonly results: readonly { readonly message: { readonly text: string } }[] }[];
  };
  const message = runs[0]?.results[0]?.message.text ?? '';
  assert.match(message, /evil\.test/);
  assert.doesNotMatch(message, /(?<!\\)(?:\\\\)*\[[^\]]*\]\(/);
});
