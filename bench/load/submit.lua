-- Submit: each response once; a plan that runs out shows as refused requests. wrk -t N -c N -s submit.lua URL -- PLAN N
package.path = (os.getenv("BENCH_LOAD") or "bench/load") .. "/?.lua;" .. package.path
local common = require("common")

setup = common.setup
done = common.done

local entries, at, host = {}, 0, nil

function init(args)
  host = wrk.headers["Host"]
  entries = common.plan(args[1], thread_number, tonumber(args[2]))
end

function request()
  at = at % #entries + 1
  return common.text(host, entries[at], entries[at].revision, "{}")
end
