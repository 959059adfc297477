-- Who is in each of these Sessions by the store's clock, and when a person of each was last there, who is not.
-- Rules: protocol/SPEC.md, ST12.
--
-- KEYS  presences of one partition
-- ARGV  per presence: a person
-- Returns per presence: {{member, what it says, …}, ms or false}.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for at, key in ipairs(KEYS) do
  local held, alive, seen = redis.call('HGETALL', key), {}, false
  for place = 1, #held, 2 do
    local member = held[place]
    local lease_end, says = string.match(held[place + 1], '^(%d+) ?(.*)$')
    lease_end = tonumber(lease_end)
    local is_past = string.sub(member, 1, 1) == '='
    if not is_past and lease_end > now then
      alive[#alive + 1] = member
      alive[#alive + 1] = says
    end
    local person = is_past and string.sub(member, 2) or string.match(member, '^(.*)/') or member
    if person == ARGV[at] and (not seen or lease_end > seen) then seen = lease_end end
  end
  found[at] = {alive, seen and seen <= now and string.format('%.0f', seen)}
end
return found
