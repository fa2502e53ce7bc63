-- Requests without a body, in turn. wrk ... -s read.lua URL -- PLAN THREADS
package.path = (os.getenv("BENCH_LOAD") or "bench/load") .. "/?.lua;" .. package.path
local common = require("common")

setup = common.setup
done = common.done

local texts, at = {}, 0

function init(args)
  for _, entry in ipairs(common.plan(args[1], thread_number, tonumber(args[2]))) do
    texts[#texts + 1] = common.text(wrk.headers["Host"], entry)
  end
end

function request()
  at = at % #texts + 1
  return texts[at]
end
