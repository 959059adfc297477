-- When a person was last present: the latest end of a lease of theirs. Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presence
-- ARGV  person
-- Returns ms, or false if nobody remembers.

local seen = redis.call('HGET', KEYS[1], '=' .. ARGV[1])
seen = seen and tonumber(seen) or false
local held = redis.call('HGETALL', KEYS[1])
for at = 1, #held, 2 do
  local is_member = string.sub(held[at], 1, 1) ~= '='
  if is_member and (string.match(held[at], '^(.*)/') or held[at]) == ARGV[1] then
    local lease_end = tonumber(string.match(held[at + 1], '^%d+'))
    if not seen or lease_end > seen then seen = lease_end end
  end
end
return seen and string.format('%.0f', seen) or false
