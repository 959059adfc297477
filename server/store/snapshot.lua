-- Caches a snapshot unless a later one of the same engine is there. Rules: protocol/SPEC.md, ST8.
--
-- KEYS  log, snapshot
-- ARGV  seq, entry id, engine, payload

local log, cache = KEYS[1], KEYS[2]
local at = redis.call('XRANGE', log, ARGV[1] .. '-0', ARGV[1] .. '-0')[1]
if not at or at[2][2] ~= ARGV[2] then return 0 end
local cached = redis.call('HMGET', cache, 'seq', 'entry_id', 'engine')
if cached[3] == ARGV[3] and tonumber(cached[1]) > tonumber(ARGV[1]) then
  -- A later one counts only if it is of the history that the log holds now.
  local later = redis.call('XRANGE', log, cached[1] .. '-0', cached[1] .. '-0')[1]
  if later and later[2][2] == cached[2] then return 0 end
end
redis.call('HSET', cache, 'seq', ARGV[1], 'entry_id', ARGV[2], 'engine', ARGV[3], 'payload', ARGV[4])
return 1
