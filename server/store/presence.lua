-- Members whose lease is alive by the store's clock; the others are removed. Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presence
-- Returns {member, what it says, …}.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held, alive = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #held, 2 do
  local lease_end, says = string.match(held[at + 1], '^(%d+) (.*)$')
  if tonumber(lease_end) > now then
    alive[#alive + 1] = held[at]
    alive[#alive + 1] = says
  else
    redis.call('HDEL', KEYS[1], held[at])
  end
end
return alive
