import type { OriginRequirement } from '../requirement.ts';
import { heading } from './heading.ts';
import { fileText, type Lines, paragraphs } from './lines.ts';
import { siteId } from './names.ts';
import { NOT_RUN } from './not-run.ts';

/** Commands of the AWS command line that lock a listener: a script for `sh`. */
export function awsAlbConfiguration(requirement: OriginRequirement): string {
  return fileText(
    paragraphs(
      ['#!/bin/sh', ...heading('aws-alb', requirement)],
      surroundings(),
      trustStore(requirement),
      lists(requirement),
      listener(),
    ),
  );
}

/** What is to be said of the load balancer alone. */
export function awsAlbNotes({ sites: [site] }: OriginRequirement): readonly string[] {
  return [
    NOT_RUN,
    'The lock is the whole listener: every name on it needs the certificate. Give names that stay open a listener of their own.',
    'Every other listener of the load balancer is a door: delete the one for port 80, or let it only redirect.',
    'The targets must be reachable from the load balancer alone: in their security group allow its security group, and nothing else.',
    `The load balancer sets X-Amzn-Mtls-Clientcert-Subject, -Issuer, -Serial-Number and -Leaf. ${site.verifiedHeader} is neither set nor removed: the application must not trust it.`,
    'Mode passthrough verifies nothing: the application would have to.',
    'Certificate, targets and addresses are not touched: --upstream, --server-cert and --listen have no effect.',
    'Run it again after each change of the bundle: it replaces what the trust store holds.',
  ];
}

function surroundings(): Lines {
  return [
    'set -eu',
    `: "\${LISTENER_ARN:?the ARN of the HTTPS listener}"`,
    `: "\${BUCKET:?an S3 bucket that Elastic Load Balancing may read}"`,
  ];
}

function trustStore({ sites: [site], listen }: OriginRequirement): Lines {
  // A name of at most 32 letters, digits and hyphens.
  const name = `postern-${siteId(site, listen)}`;
  return [
    `aws s3 cp '${site.trust.bundle}' "s3://$BUCKET/${name}.pem"`,
    `store=$(aws elbv2 describe-trust-stores --names ${name} --query 'TrustStores[0].TrustStoreArn' --output text 2> /dev/null) || store=`,
    'if [ -n "$store" ]; then',
    `  aws elbv2 modify-trust-store --trust-store-arn "$store" --ca-certificates-bundle-s3-bucket "$BUCKET" \\`,
    `    --ca-certificates-bundle-s3-key ${name}.pem`,
    'else',
    `  store=$(aws elbv2 create-trust-store --name ${name} --ca-certificates-bundle-s3-bucket "$BUCKET" \\`,
    `    --ca-certificates-bundle-s3-key ${name}.pem --query 'TrustStores[0].TrustStoreArn' --output text)`,
    'fi',
  ];
}

function lists({ sites: [site], listen }: OriginRequirement): Lines {
  const { crl } = site;
  if (crl === null) return [];
  const name = `postern-${siteId(site, listen)}.crl`;
  return [
    '# A further list each time: remove the old ones with remove-trust-store-revocations.',
    `aws s3 cp '${crl}' "s3://$BUCKET/${name}"`,
    'aws elbv2 add-trust-store-revocations --trust-store-arn "$store" \\',
    `  --revocation-contents "S3Bucket=$BUCKET,S3Key=${name},RevocationType=CRL"`,
  ];
}

function listener(): Lines {
  return [
    '# THE LOCK: verify, and no certificate past its end.',
    'aws elbv2 modify-listener --listener-arn "$LISTENER_ARN" --mutual-authentication \\',
    '  "Mode=verify,TrustStoreArn=$store,IgnoreClientCertificateExpiry=false"',
  ];
}
