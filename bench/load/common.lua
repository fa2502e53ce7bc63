-- What the load scripts share. Each reads a plan: one request a line, METHOD <tab> PATH <tab> TOKEN [<tab> REVISION];
-- thread n of N takes the lines n, n+N, n+2N ... The last line on standard output is one JSON object.

local ffi = require("ffi")
local common = {}
local threads = {}

ffi.cdef([[
  struct timeval { long seconds; long microseconds; };
  int gettimeofday(struct timeval *now, void *zone);
]])
local now = ffi.new("struct timeval")

function common.microseconds()
  ffi.C.gettimeofday(now, nil)
  return tonumber(now.seconds) * 1e6 + tonumber(now.microseconds)
end

-- Called by wrk once a thread, in the main state: numbers the threads.
function common.setup(thread)
  thread:set("thread_number", #threads)
  threads[#threads + 1] = thread
end

function common.plan(path, number, count)
  local mine, index = {}, 0
  for line in io.lines(path) do
    if index % count == number then
      local method, target, token, revision = line:match("^(%S+)\t(%S+)\t(%S+)\t?(%d*)$")
      assert(method, "plan: a line is not METHOD<tab>PATH<tab>TOKEN<tab>REVISION")
      mine[#mine + 1] = { method = method, path = target, token = token, revision = tonumber(revision) }
    end
    index = index + 1
  end
  assert(#mine > 0, "plan: no line for this thread")
  return mine
end

-- One request as it goes over the wire. `host` as in the URL; `body` may be nil.
function common.text(host, entry, revision, body)
  local lines = {
    entry.method .. " " .. entry.path .. " HTTP/1.1",
    "Host: " .. host,
    "Authorization: Bearer " .. entry.token,
  }
  if revision then
    lines[#lines + 1] = 'If-Match: "' .. revision .. '"'
  end
  if body then
    lines[#lines + 1] = "Content-Type: application/json"
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

local function report(summary, latency, microseconds)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "refused": %d, "failed": %d}\n',
    summary.requests, microseconds, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end

function common.done(summary, latency)
  report(summary, latency, summary.duration)
end

-- For threads that stop when their work is done: their globals `first` and `last` say when it was.
function common.done_between(summary, latency)
  local first, last = math.huge, 0
  for _, thread in ipairs(threads) do
    first = math.min(first, thread:get("first"))
    last = math.max(last, thread:get("last"))
  end
  report(summary, latency, last - first)
end

return common
