-- Sign-ins in turn, whatever they answer. wrk ... -s sign_in.lua URL -- BODIES PATH: a file with one body a line.
local bodies, at, host, path = {}, 0, nil, nil

function init(args)
  host, path = wrk.headers["Host"], args[2]
  for line in io.lines(args[1]) do
    bodies[#bodies + 1] = line
  end
  math.randomseed(os.time())
  at = math.random(#bodies)
end

function request()
  at = at % #bodies + 1
  return "POST " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\nContent-Type: application/json\r\nContent-Length: "
    .. #bodies[at] .. "\r\n\r\n" .. bodies[at]
end
