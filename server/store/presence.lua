-- Members whose lease is alive by the store's clock. Of the others it is kept when their person was last here.
-- Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presence
-- Returns {member, what it says, …}.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held, alive = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #held, 2 do
  if string.sub(held[at], 1, 1) ~= '=' then
    local lease_end, says = string.match(held[at + 1], '^(%d+) (.*)$')
    if tonumber(lease_end) > now then
      alive[#alive + 1] = held[at]
      alive[#alive + 1] = says
    else
      local person = '=' .. (string.match(held[at], '^(.*)/') or held[at])
      local seen = redis.call('HGET', KEYS[1], person)
      if not seen or tonumber(seen) < tonumber(lease_end) then redis.call('HSET', KEYS[1], person, lease_end) end
      redis.call('HDEL', KEYS[1], held[at])
    end
  end
end
return alive
