-- The cached snapshot and the entries after it, or the whole log. Rules: protocol/SPEC.md, ST8.
--
-- KEYS  log, snapshot
-- ARGV  engine
-- Returns {snapshot's {seq, entry id, payload} or false, entries}.

local log, cache = KEYS[1], KEYS[2]
local cached = redis.call('HMGET', cache, 'seq', 'entry_id', 'payload', 'engine')
if cached[4] == ARGV[1] then
  -- After a failover that lost a suffix, the snapshot may be of a history that is no more.
  local at = redis.call('XRANGE', log, cached[1] .. '-0', cached[1] .. '-0')[1]
  if at and at[2][2] == cached[2] then
    return {{cached[1], cached[2], cached[3]}, redis.call('XRANGE', log, '(' .. cached[1] .. '-0', '+')}
  end
end
return {false, redis.call('XRANGE', log, '-', '+')}
