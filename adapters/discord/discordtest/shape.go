package discordtest

// What Discord tells of servers, channels and people.

func (g *guild) count() int { return len(g.members) + g.extra + 1 }

func (s *Server) guildJSON(g *guild) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guildJSONLocked(g)
}

// guildJSONLocked is a GUILD_CREATE. The mutex is held.
func (s *Server) guildJSONLocked(g *guild) map[string]any {
	channels := []any{}
	for _, c := range s.channels {
		if c.guild == g.id {
			channels = append(channels, c.json())
		}
	}
	return map[string]any{
		"id": g.id, "name": g.name, "owner_id": g.owner, "member_count": g.count(), "unavailable": false, "large": false,
		"roles": []any{
			map[string]any{"id": g.id, "name": "@everyone", "permissions": "1024"},
			map[string]any{"id": g.id[:len(g.id)-1] + "7", "name": "Evenfall", "permissions": "8", "managed": true, "tags": map[string]any{"bot_id": s.Bot.ID}},
		},
		"channels": channels, "threads": []any{}, "members": []any{}, "a field of tomorrow": true,
	}
}

func (c *channel) json() map[string]any {
	return map[string]any{"id": c.id, "guild_id": c.guild, "type": 0, "name": "us", "permission_overwrites": c.overwrites}
}

func (u User) json() map[string]any {
	return map[string]any{"id": u.ID, "username": "user" + u.ID, "global_name": u.Name, "discriminator": "0", "avatar": nil}
}

// interactionJSON is what all interactions have. The mutex is held.
func (s *Server) interactionJSON(kind int, u User, c *channel, data map[string]any) map[string]any {
	id := s.nextID()
	i := map[string]any{
		"id": id, "application_id": s.App, "type": kind, "token": "interaction-token-" + id, "version": 1,
		"channel_id": c.id, "locale": u.Locale, "data": data, "app_permissions": "274878024704", "entitlements": []any{},
	}
	if c.guild == "" {
		i["user"], i["context"] = u.json(), 1
		i["channel"] = map[string]any{"id": c.id, "type": 1}
		return i
	}
	i["guild_id"], i["context"] = c.guild, 0
	i["member"] = map[string]any{"user": u.json(), "nick": nil, "roles": []any{}}
	i["channel"] = map[string]any{"id": c.id, "type": 0, "guild_id": c.guild}
	return i
}
