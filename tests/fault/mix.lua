-- The requests of a plan in turn, by wrk: METHOD <tab> PATH <tab> TOKEN a line. wrk -s mix.lua URL -- PLAN

local texts, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, token = line:match("^(%S+)\t(%S+)\t(%S*)$")
    texts[#texts + 1] = wrk.format(method, path, token ~= "" and { Authorization = "Bearer " .. token } or nil)
  end
end

function request()
  at = at % #texts + 1
  return texts[at]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format('\n{"requests": %d, "refused": %d, "failed": %d}\n', summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
