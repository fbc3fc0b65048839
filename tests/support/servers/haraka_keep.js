'use strict'
// Refuses one user and writes the mail of all others to the folder KEPT.

const fs = require('node:fs')

exports.hook_rcpt = (next, connection, params) => (params[0].user === 'nobody-here' ? next(DENY, '5.1.1 unknown user') : next(OK))

exports.hook_queue = (next, connection) => {
  const file = fs.createWriteStream(`${process.env.KEPT}/${connection.transaction.uuid}`)
  file.on('finish', () => next(OK, 'kept'))
  connection.transaction.message_stream.pipe(file, { line_endings: '\r\n' })
}
