import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** Notices, what was said of which concern, the channels that they go out by, and what is on its way there. */
export async function notices(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  const required = ['code', 'severity', 'about', 'detail'];
  const optional = ['zone', 'account', 'zone_name'];
  let table = schema
    .createTable('notices')
    .addColumn('number', 'bigint', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('at', 'bigint', (column) => column.notNull());
  for (const name of required) table = table.addColumn(name, sql`text`, (column) => column.notNull());
  for (const name of optional) table = table.addColumn(name, sql`text`);
  await table.execute();
  await schema.createIndex('notices_by_zone').on('notices').columns(['zone', 'number']).execute();

  await schema
    .createTable('notice_marks')
    .addColumn('zone', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('stage', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('notice_marks_key', ['zone', 'key'])
    .execute();
  await channels(db);
}

async function channels({ schema }: Kysely<Tables>): Promise<void> {
  let table = schema.createTable('notice_channels').addColumn('id', 'text', (column) => column.primaryKey());
  for (const name of ['name', 'target', 'least', 'codes', 'zones', 'accounts']) {
    table = table.addColumn(name, sql`text`, (column) => column.notNull());
  }
  for (const name of ['enabled', 'created_at', 'modified_at']) {
    table = table.addColumn(name, sql`bigint`, (column) => column.notNull());
  }
  await table.execute();

  await schema
    .createTable('notice_deliveries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull().references('notice_channels.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('notices', 'text', (column) => column.notNull())
    .addColumn('attempts', 'text', (column) => column.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  const index = schema.createIndex('deliveries_by_channel').on('notice_deliveries');
  await index.columns(['channel', 'created_at']).execute();
  await schema.createIndex('deliveries_by_time').on('notice_deliveries').column('next_at').execute();
}
