-- Auto-save: as many threads as connections, each with a response of its own, so that every request carries the
-- revision that the reply before it returned. wrk -t N -c N ... -s autosave.lua URL -- PLAN N PATH=SYSTEM|CODE|CODE;...
package.path = (os.getenv("BENCH_LOAD") or "bench/load") .. "/?.lua;" .. package.path
local common = require("common")

setup = common.setup
done = common.done

local OPTIONS_MAX = 10
local entry, revision, host
local bodies, at = {}, 0

function init(args)
  host = wrk.headers["Host"]
  entry = common.plan(args[1], thread_number, tonumber(args[2]))[1]
  revision = entry.revision
  -- All questions with their first option, then all with their second: neighbours in time are different questions.
  for turn = 1, OPTIONS_MAX do
    for path, system, codes in args[3]:gmatch("([^;=]+)=([^;|]*)|([^;]+)") do
      local number = 0
      for code in codes:gmatch("[^|]+") do
        number = number + 1
        if number == turn then
          bodies[#bodies + 1] = string.format(
            '{"set": {"%s": [{"valueCoding": {%s"code": "%s"}}]}}', path,
            system == "" and "" or string.format('"system": "%s", ', system), code)
        end
      end
    end
  end
end

function request()
  at = at % #bodies + 1
  return common.text(host, entry, revision, bodies[at])
end

function response(status, headers)
  local tag = headers["ETag"] or headers["etag"] or headers["Etag"]
  if status == 200 and tag then
    revision = tag:match('"(%d+)"')
  end
end
