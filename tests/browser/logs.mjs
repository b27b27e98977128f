// PostgreSQL logs for the browser's tests, as a server with log_min_duration_statement = 0 writes them.

const start = Date.UTC(2026, 10, 19, 9, 0, 0)

const stamp = ms => new Date(start + ms).toISOString().replace('T', ' ').replace('Z', ' UTC')

export const entry = (ms, duration, statement, {user = 'app', database = 'shop', application = 'web'} = {}) =>
  `${stamp(ms)} [4711] ${user}@${database}/${application} LOG:  duration: ${duration.toFixed(3)} ms  statement: ` +
  statement.replaceAll('\n', '\n\t') + '\n'

export const prefix = '%m [%p] %u@%d/%a '

// Always the same numbers, from 0 to 1.
const random = seed => () => (seed = (seed * 48271) % 2147483647) / 2147483647

const columns = ['id', 'email', 'created_at', 'status', 'amount', 'currency', 'customer_id', 'updated_at', 'note', 'position']

const statement = (shape, next) => {
  const shown = columns.slice(shape % 4, shape % 4 + 1 + shape % 3).map(name => `t${shape}.${name}`).join(', ')
  return `SELECT ${shown}, count(o.id) AS orders FROM table_${shape} AS t${shape} LEFT JOIN orders AS o ON o.customer_id = ` +
    `t${shape}.id WHERE t${shape}.status IN ('new', 'paid', 'sent') AND t${shape}.created_at > '2026-0${1 + shape % 9}-01' ` +
    `AND t${shape}.amount >= ${Math.floor(next() * 1000)} GROUP BY ${shown} ORDER BY t${shape}.created_at DESC LIMIT 50`
}

// As many different statements of some 300 characters, each executed `calls` times over an hour.
export const ordinary = (fingerprints, calls) => {
  const next = random(fingerprints)
  const lines = []
  const all = fingerprints * calls
  for (let i = 0; i < all; i++) {
    const shape = i % fingerprints
    const duration = (1 + shape % 17) * (0.2 + next()) * (next() < 0.02 ? 100 : 1)
    lines.push(entry(i * 3600000 / all, duration, statement(shape, next)))
  }
  return lines.join('')
}

export const attacks = [
  `</pre></section><script>window.attacked = 1</script>`,
  `<img src=x onerror="window.attacked = 1">`,
  `<svg/onload=window.attacked=1>`,
  `"><iframe src="http://127.0.0.1:9/"></iframe>`,
  `' onmouseover='window.attacked=1`,
  `javascript:window.attacked=1`,
  `</title></style><style>@import "http://127.0.0.1:9/x.css"; body { display: none }</style>`,
  `{{{script}}} {{> head.html}} {{#queries}}`,
  `<!-- --!> <![CDATA[ ]]> &lt;script&gt; &#60;script&#62;`,
  `<base href="http://127.0.0.1:9/"><link rel=stylesheet href="http://127.0.0.1:9/y.css">`,
  `<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/">`,
  `\u202e\u0007\u001b[31m red \u001b[0m`
]

// Each attack as a quoted name, an alias, a user, a database and an application. Names in quotes keep
// their text in the normalised statement, as literals do not.
export const hostile = () => {
  const lines = []
  attacks.forEach((attack, i) => {
    const quoted = attack.replaceAll('"', '""')
    lines.push(entry(i * 1000, 5 + i, `SELECT "${quoted}" FROM "t${i} ${quoted}" AS x /* ${attack} */ WHERE a = '${attack.replaceAll("'", "''")}'`))
    const name = attack.replace(/[@ /\n]/g, '_')
    lines.push(entry(i * 1000 + 500, 2 + i, `SELECT ${i + 1} FROM plain`, {user: name, database: name, application: name}))
  })
  // What the findings speak of: a loop over rows of such a table, and pages of another.
  attacks.forEach((attack, i) => {
    const quoted = attack.replaceAll('"', '""').replaceAll("'", '')
    for (let k = 0; k < 30; k++) {
      const at = 60000 + i * 20000 + k * 5
      lines.push(entry(at, 4, `SELECT a FROM "c${i} ${quoted}" WHERE "${quoted}" = ${k}`))
    }
    for (let k = 0; k < 30; k++) {
      const at = 65000 + i * 20000 + k * 400
      lines.push(entry(at, 4 + k, `SELECT a FROM "p${i} ${quoted}" ORDER BY "${quoted}", a LIMIT 20 OFFSET ${20000 + 500 * k}`))
    }
  })
  return lines.join('')
}

// What is markup in Markdown, a formula in a spreadsheet, or neither in its place.
export const markups = [
  '```\n# heading\n\n- list\n\n> quote\n\n***\n\n    code\n~~~', '[a](http://127.0.0.1:9/) ![b](http://127.0.0.1:9/i.png) <http://127.0.0.1:9/>',
  'see http://127.0.0.1:9/auto and www.example.com or a@example.com', '| a | b |\n|---|---|\n| \\| |', '`a` ``b`` \\` *c* __d__ ~~e~~ [^1] [x]: http://127.0.0.1:9/',
  '<details open ontoggle=window.attacked=1><summary>a</summary>', ']]> --> </script> </textarea> </svg>', '&lt;b&gt; &#60;b&#62; &quot;',
  '=HYPERLINK("http://127.0.0.1:9/","a")', '+1+1', '-2+3', '@SUM(1)', '\t=1+1', '\r=1+1', '=cmd|\' /C calc\'!A0', '\uff1d1+1', 'a\u2028b\u202ec\u200fd\u0085e'
]

// A csvlog with each attack in each of its fields and in whatever qlog derives from them.
export const everywhere = () => {
  const quoted = text => `"${text.replaceAll('"', '""')}"`
  const lines = []
  let ms = 0
  const record = (attack, severity, message, {detail = '', context = '', statement = ''} = {}) => {
    const at = stamp(ms += 1000)
    lines.push([at, quoted(attack), quoted(attack), 7, quoted(`${attack}:4000`), '6.7', 1, quoted(attack), at, '"3/7"', 0, severity,
      severity === 'ERROR' ? '42P01' : '00000', quoted(message), quoted(detail), quoted(attack), '', '', quoted(context), quoted(statement),
      '', '', quoted(attack), '"client backend"', '', 0].join(',') + '\n')
  }
  const name = text => `"${text.replaceAll('"', '""')}"`
  for (const attack of [...attacks, ...markups]) {
    const tag = encodeURIComponent(attack).replaceAll("'", '%27')
    record(attack, 'LOG', `duration: 20.000 ms  statement: SELECT ${name(attack)} FROM ${name(attack)} /*controller='${tag}',action='${tag}'*/`)
    record(attack, 'ERROR', `relation ${name(attack)} does not exist`, {detail: attack, context: attack, statement: `SELECT 1 FROM ${name(attack)}`})
    record(attack, 'ERROR', attack)
    record(attack, 'WARNING', attack)
    record(attack, 'LOG', `duration: 30.000 ms  plan:\nQuery Text: SELECT 2 FROM ${name(attack)}\nIndex Scan using ${name(attack)} on ` +
      `${name(attack)} ${name(attack)}  (cost=0.00..35.50 rows=10 width=4)\n  Filter: (a = '${attack}')`)
    record(attack, 'LOG', 'duration: 30.000 ms  plan:\n' + JSON.stringify({'Query Text': `SELECT 3 FROM ${name(attack)}`,
      Plan: {'Node Type': attack, 'Relation Name': attack, 'Index Name': attack, Alias: attack}}))
    record(attack, 'LOG', `automatic vacuum of table "${attack}": index scans: 1\npages: 0 removed, 1 remain, 0 skipped due to pins, ` +
      '0 skipped frozen\nsystem usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s')
    record(attack, 'LOG', `connection authorized: user=${attack} database=${attack} application_name=${attack}`)
    for (let k = 0; k < 30; k++) {
      ms -= 995 // a burst
      record(attack, 'LOG', `duration: 4.000 ms  statement: SELECT 4 FROM ${name(attack)} WHERE ${name(attack)} = ${k}`)
    }
  }
  return lines.join('')
}

export const hostileFileName = `<img src=x onerror=window.attacked=1> [a](b) | "c" 'd'.csv`
