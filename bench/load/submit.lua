-- Submit: each response once, as many threads as connections. A thread whose part of the plan is done stops, so the time
-- that counts is from the first request to the last reply. wrk -t N -c N -s submit.lua URL -- PLAN N
package.path = (os.getenv("BENCH_LOAD") or "bench/load") .. "/?.lua;" .. package.path
local common = require("common")

setup = common.setup
done = common.done_between

local entries, at, host = {}, 0, nil
first, last = 0, 0 -- microseconds; read by common.done_between

function init(args)
  host = wrk.headers["Host"]
  entries = common.plan(args[1], thread_number, tonumber(args[2]))
end

function request()
  if at == 0 then
    first = common.microseconds()
  end
  at = at % #entries + 1
  return common.text(host, entries[at], entries[at].revision)
end

function response()
  last = common.microseconds()
  if at == #entries then
    wrk.thread:stop()
  end
end
