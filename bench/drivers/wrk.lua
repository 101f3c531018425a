-- Sends the requests of a file in turns, and prints what came of them as JSON in a line of its own.

function init(args)
  local requests = dofile(args[1])
  if #requests == 1 then
    wrk.method, wrk.path = requests[1].method, requests[1].path
    for name, value in pairs(requests[1].headers) do wrk.headers[name] = value end
    wrk.body = requests[1].body
    return
  end
  local ready = {}
  for index, one in ipairs(requests) do
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    for name, value in pairs(one.headers) do headers[name] = value end
    ready[index] = wrk.format(one.method, one.path, headers, one.body)
  end
  local turn = 0
  request = function()
    turn = turn % #ready + 1
    return ready[turn]
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"microseconds":%d,"answers":%d,"refused":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.duration, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
