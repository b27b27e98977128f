// check.mjs - runs the programs on both servers and compares what qlog finds with what they did.
// usage: node check.mjs PROGRAM FOLDER SOCKET      (called by tests/servers/applications/run)
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import * as driver from './with_driver.mjs'
import * as objection from './with_objection.mjs'
import {cases, hidden, pooled, REST, scattered, shared} from './programs.mjs'
import * as sequelize from './with_sequelize.mjs'
import {maria, postgres} from './servers.mjs'

const [program, folder, socket] = process.argv.slice(2)
const writings = {Sequelize: sequelize, Objection: objection, 'driver alone': driver}
// Of a case in which the machine held the program up.
const ATTEMPTS = 5
let passed = 0, failed = 0

const report = log =>
  JSON.parse(execFileSync(resolve(program), ['analyze', '--format', 'json', '--limit', '0', log], {maxBuffer: 1 << 26}))

const check = (complaints, what, is) => {
  if (!is) complaints.push(what)
}

// Whether the log shows that the program waited for the machine it shares, in the midst of a loop: for
// longer than a loop does, and not for as long as it rests on purpose. Where the clock is coarse only the
// whole tells.
const heldUp = (log, coarse, ms) => {
  if (coarse) return ms > 1000
  const line = /^(\S+ \S+) UTC \[(\d+)\] .* duration: ([\d.]+) ms/
  const ends = new Map()
  return readFileSync(log, 'utf8').split('\n').some(text => {
    const [, at, session, duration] = line.exec(text) ?? []
    if (!at) return false
    const end = Date.parse(`${at.replace(' ', 'T')}Z`)
    const gap = end - Number(duration) - (ends.get(session) ?? end)
    ends.set(session, end)
    return gap > 9 && gap < REST
  })
}

// Where a program was held up there are more bursts, and pieces of less than a round count for nothing.
// A coarse clock does not part loops within a second, unless parents do.
const checkCounts = (complaints, evidence, {runs, rounds, children, parent}, coarse, held) => {
  const calls = evidence.calls_saved + evidence.runs * children.length
  const most = Math.max(...rounds), all = rounds.reduce((a, b) => a + b) * children.length
  const told = `${evidence.runs} runs, ${calls} calls, longest ${evidence.children_per_run.max}`
  if (!held && (!coarse || parent)) {
    const median = rounds.toSorted((a, b) => a - b)[Math.floor((runs - 1) / 2)]
    check(complaints, `${told}, median ${evidence.children_per_run.median}; not ${runs}, ${all}, ${most}, ${median}`,
      evidence.runs === runs && calls === all && evidence.children_per_run.max === most &&
      evidence.children_per_run.median === median)
  } else {
    check(complaints, `${told}; not about ${runs}, ${all}, ${most}`, evidence.runs <= runs * 2 && calls <= all &&
      calls >= all * 0.8 && evidence.children_per_run.max >= most / 2 && (coarse || evidence.children_per_run.max <= most))
  }
}

const checkFinding = (complaints, finding, expected, text, coarse, held) => {
  const {evidence} = finding
  if (!expected.children) return
  const ids = evidence.child_ids.map(text)
  check(complaints, `children ${ids.join('; ')}`,
    ids.length === expected.children.length && expected.children.every(child => ids.some(id => child.test(id))))
  if (expected.parent) {
    check(complaints, `parent ${evidence.parent_id && text(evidence.parent_id)}`,
      evidence.parent_id !== null && expected.parent.test(text(evidence.parent_id)))
  }
  if (expected.confidence) {
    const confidence = expected.confidence[coarse ? 'coarse' : 'fine']
    check(complaints, `${finding.confidence}, not ${confidence}: ${finding.detail}`, finding.confidence === confidence)
  }
  if (expected.rounds) checkCounts(complaints, evidence, expected, coarse, held)
  if (expected.sessions) check(complaints, `${evidence.sessions} sessions`, evidence.sessions === expected.sessions)
  if (expected.calls) {
    const calls = evidence.calls_saved + evidence.runs
    check(complaints, `${calls} calls of ${expected.calls}`, calls <= expected.calls && calls >= expected.least)
  }
  const says = /Other clients' statements lie between on the same sessions/.test(finding.detail)
  check(complaints, `shared sessions: ${finding.confidence}, ${evidence.runs_with_others_between} of ${evidence.runs}: ${finding.detail}`,
    expected.shared ? says && evidence.runs_with_others_between > 0 && finding.confidence !== 'certain' : !says)
}

const complaintsOf = ({found}, {findings, queries, sources}, held) => {
  const complaints = []
  const coarse = sources[0].clock_resolution_ms >= 1000
  const text = id => queries.find(query => query.id === id).text
  check(complaints, `coverage ${sources[0].coverage}`, sources[0].coverage === 1)
  for (const expected of found) {
    const finding = findings.find(({kind}) => kind === expected.kind)
    if (finding) checkFinding(complaints, finding, expected, text, coarse, held)
    else complaints.push(`no ${expected.kind}`)
  }
  for (const {kind, title, detail} of findings.filter(({kind}) => !found.some(one => one.kind === kind))) {
    complaints.push(`${kind} is wrong: ${title}. ${detail}`)
  }
  check(complaints, `${findings.length} findings`, findings.length === found.length)
  return complaints
}

const count = (name, complaints) => {
  if (complaints.length === 0) passed++
  else {
    failed++
    console.log([`--- ${name}`, ...complaints].join('\n    '))
  }
}

const runCase = async (server, name, open, one, options = {}) => {
  const coarse = server.dialect === 'mysql'
  let complaints = [], held = true, said
  for (let attempt = 0; attempt < ATTEMPTS && (attempt === 0 || (held && complaints.length > 0)); attempt++) {
    const apps = open()
    const log = await server.log(`${name} ${attempt}`.replace(/\W+/g, '-').toLowerCase(), options)
    const began = performance.now()
    await one.run(...apps)
    const ms = performance.now() - began - (one.rests ?? 0) * REST
    await Promise.all(apps.map(app => app.close()))
    await server.settle()
    said = report(log)
    held = heldUp(log, coarse, ms)
    complaints = complaintsOf(one, said, held)
  }
  count(name, complaints)
  return said
}

const runWriting = (server, writing, one, options) =>
  runCase(server, `${server.name}, ${writing}: ${one.name}`,
    () => [writings[writing].open({...server, sessions: one.sessions})], one, options)

// The first time a program does something it is slow.
const warm = async (server, writing) => {
  const app = writings[writing].open(server)
  await server.log('warm')
  for (const {run} of cases) await run(app)
  await app.close()
  await server.settle()
}

const runHidden = async (server, setting, value) => {
  const run = async app => {
    await hidden.run(app)
    await server.sleep(0.3)
  }
  const {limits} = await runWriting(server, 'Sequelize', {...hidden, run}, {[setting]: value})
  count(`${server.name}: the limits say why nothing is found`,
    limits.some(limit => limit.cannot_show === 'executions that took less' && limit.remedy.includes(`${setting} = 0`))
      ? [] : [JSON.stringify(limits)])
}

// Clients that differ by the name that they give, and share two sessions.
const runShared = server => {
  const open = application => sequelize.open({
    ...server, address: {...server.address, port: Number(process.env.POOLER_PORT), application}
  })
  return runCase({...server, settle: () => {}}, `PgBouncer: ${shared.name}`,
    () => [['web', 'jobs', 'mail', 'reports'].map(open)].flat(), shared)
}

const servers = [await postgres(`${folder}/logs`), await maria(`${folder}/logs`, socket)]
for (const server of servers) {
  for (const writing of Object.keys(writings)) {
    await warm(server, writing)
    for (const one of cases) await runWriting(server, writing, one)
  }
  for (const writing of ['Sequelize', 'Objection']) {
    await runWriting(server, writing, pooled)
    await runWriting(server, writing, scattered)
  }
}
const [pg, my] = servers
await runHidden(pg, 'log_min_duration_statement', 250)
await runHidden(my, 'long_query_time', 0.25)
await runShared(pg)
await Promise.all(servers.map(server => server.close()))
console.log(`applications: ${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
