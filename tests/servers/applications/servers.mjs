// servers.mjs - what is asked of the servers besides the programs' work: their data, and a log for each
// case. They are started by the script `run`; these statements are not logged.
import {existsSync} from 'node:fs'
import {setTimeout as rest} from 'node:timers/promises'
import mysql from 'mysql2/promise'
import pg from 'pg'
import {statements} from './shop.mjs'

const until = async (what, is) => {
  for (let i = 0; i < 200; i++) {
    if (await is()) return
    await rest(25)
  }
  throw new Error(`the server does not ${what}`)
}

export const postgres = async folder => {
  const host = '127.0.0.1', port = Number(process.env.PGPORT), database = 'postgres'
  const admin = new pg.Client({host, port, user: 'postgres', database})
  await admin.connect()
  for (const statement of statements.postgres) await admin.query(statement)
  await admin.query('CREATE ROLE shop LOGIN')
  await admin.query('GRANT ALL ON ALL TABLES IN SCHEMA public TO shop')
  await admin.query('GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop')
  const set = async settings => {
    for (const [name, value] of Object.entries(settings)) await admin.query(`ALTER SYSTEM SET ${name} = '${value}'`)
    await admin.query('SELECT pg_reload_conf()')
  }
  return {
    dialect: 'postgres', name: 'PostgreSQL',
    address: {host, port, user: 'shop', database, application: 'shop'},
    async log(name, settings = {}) {
      const path = `${folder}/${name}.log`
      await set({log_filename: `${name}.log`, log_min_duration_statement: 0, ...settings})
      await until('begin a new log', async () =>
        (await admin.query('SELECT pg_current_logfile() AS path')).rows[0].path === path && existsSync(path))
      return path
    },
    // What backends wrote before they ended is in the log.
    settle: () => until('end its sessions', async () =>
      (await admin.query("SELECT FROM pg_stat_activity WHERE usename = 'shop'")).rowCount === 0),
    async sleep(seconds) {
      const client = new pg.Client({host, port, user: 'shop', database})
      await client.connect()
      await client.query(`SELECT pg_sleep(${seconds})`)
      await client.end()
    },
    close: () => admin.end()
  }
}

export const maria = async (folder, socketPath) => {
  const admin = await mysql.createConnection({socketPath, user: 'root'})
  await admin.query('SET SESSION long_query_time = 10')
  await admin.query('CREATE DATABASE shop')
  await admin.query('USE shop')
  for (const statement of statements.mysql) await admin.query(statement)
  await admin.query('CREATE USER shop@localhost')
  await admin.query('GRANT ALL ON shop.* TO shop@localhost')
  return {
    dialect: 'mysql', name: 'MariaDB',
    address: {socketPath, user: 'shop', database: 'shop'},
    async log(name, settings = {}) {
      const path = `${folder}/${name}.log`
      await admin.query(`SET GLOBAL slow_query_log_file = '${path}'`)
      for (const [key, value] of Object.entries({long_query_time: 0, ...settings})) {
        await admin.query(`SET GLOBAL ${key} = ${value}`)
      }
      return path
    },
    async sleep(seconds) {
      const client = await mysql.createConnection({socketPath, user: 'shop'})
      await client.query(`SELECT SLEEP(${seconds})`)
      await client.end()
    },
    settle: () => until('end its sessions', async () =>
      (await admin.query("SELECT 1 FROM information_schema.processlist WHERE user = 'shop'"))[0].length === 0),
    close: () => admin.end()
  }
}
