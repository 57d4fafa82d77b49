// imapflow storing into better-sqlite3: the same columns and indexes as the product's.
//
//   node imapflow.mjs '{"act": "first" | "again" | "sweep", "file": …, "accounts": […]}'
//
// Prints one line of JSON: the seconds from the first connection to the last commit, and
// how much was done. Starting node does not count.

import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ImapFlow } from 'imapflow';

const BATCH = 5000;
const BITS = { '\\Seen': 1, '\\Answered': 2, '\\Flagged': 4, '\\Deleted': 8, '\\Draft': 16 };

const SCHEMA = `
CREATE TABLE folder (id INTEGER PRIMARY KEY, account TEXT, name TEXT, uidvalidity INTEGER,
  uidnext INTEGER, modseq TEXT, held INTEGER, UNIQUE (account, name));
CREATE TABLE message (id INTEGER PRIMARY KEY, integration_id INTEGER NOT NULL,
  identity TEXT NOT NULL, at INTEGER NOT NULL, direction TEXT NOT NULL, kind TEXT NOT NULL,
  aside TEXT NOT NULL, received_at INTEGER NOT NULL, written_at INTEGER,
  size_bytes INTEGER NOT NULL, attachment INTEGER NOT NULL, from_name TEXT NOT NULL,
  from_address TEXT NOT NULL, recipients TEXT NOT NULL, copied TEXT NOT NULL,
  subject TEXT NOT NULL, message_id TEXT NOT NULL, in_reply_to TEXT NOT NULL,
  refs TEXT NOT NULL, search TEXT NOT NULL, UNIQUE (integration_id, identity));
CREATE INDEX ix_message_at ON message (integration_id, at, id);
CREATE TABLE placement (folder_id INTEGER NOT NULL, generation INTEGER NOT NULL,
  uid INTEGER NOT NULL, message_id INTEGER NOT NULL, flags INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (folder_id, generation, uid)) WITHOUT ROWID;
CREATE INDEX ix_placement_at ON placement (folder_id, generation, at, message_id);
CREATE INDEX ix_placement_message ON placement (message_id);
`;

const task = JSON.parse(process.argv[2]);
const acts = { first, again, sweep };

function open() {
  const db = new Database(task.file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -32000');
  return db;
}

function client(account) {
  return new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.tls,
    doSTARTTLS: account.tls ? undefined : false,
    tls: task.ca ? { ca: readFileSync(task.ca) } : undefined,
    auth: { user: account.user, pass: account.pass },
    qresync: true,
    disableAutoIdle: true,
    logger: false,
  });
}

// ---- from a FETCH response to a row

function flagBits(flags) {
  let bits = 0;
  for (const flag of flags) bits |= BITS[flag] ?? 0;
  return bits;
}

function hasAttachment(part) {
  if (part.childNodes) return part.childNodes.some(hasAttachment);
  return part.disposition === 'attachment';
}

function people(list) {
  return (list ?? []).map((p) => (p.name ? `${p.name} <${p.address}>` : p.address)).join(', ');
}

function references(headers) {
  const text = headers.toString('latin1');
  const found = /^references:([^]*?)\r?\n(?![ \t])/im.exec(text);
  return found ? found[1].replace(/\s+/g, ' ').trim() : '';
}

function messageRow(m) {
  const e = m.envelope;
  const from = e.from?.[0] ?? { name: '', address: '' };
  const [to, cc] = [people(e.to), people(e.cc)];
  const received = m.internalDate.getTime();
  const subject = e.subject ?? '';
  return [
    1, e.messageId || `${m.uid}`, received, 'received', 'person', '', received,
    e.date ? e.date.getTime() : null, m.size, hasAttachment(m.bodyStructure) ? 1 : 0,
    from.name ?? '', from.address ?? '', to, cc, subject, e.messageId ?? '',
    e.inReplyTo ?? '', references(m.headers),
    `${subject} ${from.name} ${from.address} ${to} ${cc}`.toLowerCase(),
  ];
}

// ---- the store

function statements(db) {
  return {
    message: db.prepare(`INSERT INTO message VALUES (NULL${', ?'.repeat(19)})`),
    placement: db.prepare('INSERT INTO placement VALUES (?, 1, ?, ?, ?, ?)'),
    flags: db.prepare('UPDATE placement SET flags = ? WHERE folder_id = ? AND generation = 1 AND uid = ?'),
    find: db.prepare('SELECT message_id FROM placement WHERE folder_id = ? AND generation = 1 AND uid = ?'),
    gone: db.prepare('DELETE FROM placement WHERE folder_id = ? AND generation = 1 AND uid = ?'),
    forget: db.prepare('DELETE FROM message WHERE id = ?'),
    cursor: db.prepare(`INSERT INTO folder (account, name, uidvalidity, uidnext, modseq, held)
      VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, name) DO UPDATE SET
      uidvalidity = excluded.uidvalidity, uidnext = excluded.uidnext,
      modseq = excluded.modseq, held = excluded.held`),
  };
}

async function store(db, put, imap, folder, range) {
  const write = db.transaction((batch) => {
    for (const m of batch) {
      const id = put.message.run(messageRow(m)).lastInsertRowid;
      put.placement.run(folder, m.uid, id, flagBits(m.flags), m.internalDate.getTime());
    }
  });
  const wanted = {
    uid: true, flags: true, internalDate: true, size: true, bodyStructure: true,
    envelope: true, headers: ['references'],
  };
  let [batch, count] = [[], 0];
  for await (const m of imap.fetch(range, wanted, { uid: true })) {
    count += batch.push(m) && 1;
    if (batch.length === BATCH) {
      write(batch);
      batch = [];
    }
  }
  write(batch);
  return count;
}

function remember(db, put, account, box, held) {
  put.cursor.run(account.user, 'INBOX', Number(box.uidValidity), box.uidNext,
    String(box.highestModseq), held);
}

// ---- what is measured

async function first() {
  const db = open();
  db.exec(SCHEMA);
  const put = statements(db);
  const began = performance.now();
  const account = task.accounts[0];
  const imap = client(account);
  await imap.connect();
  const box = await imap.mailboxOpen('INBOX', { readOnly: true });
  const added = box.exists ? await store(db, put, imap, 1, '1:*') : 0;
  remember(db, put, account, box, box.exists);
  await imap.logout();
  return { began, added };
}

const STATUS = { messages: true, uidNext: true, uidValidity: true, highestModseq: true };

async function again() {
  const db = open();
  const put = statements(db);
  const began = performance.now();
  const account = task.accounts[0];
  const imap = client(account);
  await imap.connect();
  const known = db.prepare('SELECT * FROM folder WHERE account = ?').get(account.user);
  const now = await imap.status('INBOX', STATUS);
  const same = now.uidNext === known.uidnext && now.messages === known.held
    && String(now.highestModseq) === known.modseq;
  const did = same ? {} : await update(db, put, imap, account, known);
  await imap.logout();
  return { began, ...did };
}

async function update(db, put, imap, account, known) {
  const [flags, gone] = [[], []];
  imap.on('expunge', (e) => { if (e.vanished) gone.push(e.uid); });
  const box = await imap.mailboxOpen('INBOX', { readOnly: true });
  const changes = { uid: true, changedSince: BigInt(known.modseq) };
  for await (const m of imap.fetch(`1:${known.uidnext - 1}`, { uid: true, flags: true }, changes)) {
    flags.push([flagBits(m.flags), known.id, m.uid]);
  }
  db.transaction(() => {
    for (const row of flags) put.flags.run(row);
    for (const uid of gone) {
      const held = put.find.get(known.id, uid);
      if (!held) continue;
      put.gone.run(known.id, uid);
      put.forget.run(held.message_id);
    }
  })();
  const added = box.uidNext > known.uidnext
    ? await store(db, put, imap, known.id, `${known.uidnext}:*`) : 0;
  remember(db, put, account, box, box.exists);
  return { added, flagged: flags.length, gone: gone.length };
}

async function sweep() {
  const began = performance.now();
  const waiting = [...task.accounts];
  async function next() {
    for (let account = waiting.pop(); account; account = waiting.pop()) {
      const imap = client(account);
      await imap.connect();
      await imap.list({ statusQuery: STATUS });
      await imap.logout();
    }
  }
  await Promise.all(Array.from({ length: task.atOnce }, next));
  return { began };
}

const { began, ...did } = await acts[task.act]();
process.stdout.write(JSON.stringify({ seconds: (performance.now() - began) / 1000, ...did }));
